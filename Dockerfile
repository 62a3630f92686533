# Two images from one file: `bridge` (the bridge, and the gate before the Docker socket) and `game` (Xvfb + x11vnc + noVNC
# around pydoom, and no Docker socket). Built by `docker compose up --build`; docs/packaging.md has the arguments.

# the one place where the base image is named: by its digest, of amd64 and arm64 alike, so that every build starts the same
ARG PYDOOM_BASE=debian:trixie-slim@sha256:a29215f6a35e51e22adffa17f89e9d2ef06214e64a2bad10d765c46aea49f11f

FROM ${PYDOOM_BASE} AS python
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates python3 \
    && rm -rf /var/lib/apt/lists/*

FROM python AS tools
RUN apt-get update \
    && apt-get install -y --no-install-recommends python3-venv \
    && rm -rf /var/lib/apt/lists/*
COPY requirements/build.txt /requirements/
RUN python3 -m venv /opt/tools && /opt/tools/bin/pip install --no-cache-dir --require-hashes -r /requirements/build.txt
# one pip installs into all the environments, so none of them has its own; what is compiled does not tell when
ENV PATH=/opt/tools/bin:$PATH \
    INSTALL="install --no-cache-dir --no-compile" \
    COMPILE="python3 -m compileall -q --invalidation-mode unchecked-hash" PYTHONHASHSEED=0

FROM tools AS sbom-tools
COPY requirements/sbom.txt /requirements/
RUN python3 -m venv --without-pip /opt/sbom && pip --python /opt/sbom $INSTALL --require-hashes -r /requirements/sbom.txt

# beside the stages that fetch: compiling takes one or two minutes
FROM tools AS wheel
RUN apt-get update \
    && apt-get install -y --no-install-recommends gcc libc6-dev libpython3-dev \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY pyproject.toml hatch_build.py README.md LICENSE ./
COPY pydoom pydoom
COPY hostbridge hostbridge
ARG SOURCE_DATE_EPOCH=1767225600
RUN PYDOOM_COMPILE=1 pip wheel --quiet --no-index --no-deps --no-build-isolation --wheel-dir /wheel .

FROM tools AS build
RUN apt-get update \
    && apt-get download novnc \
    && dpkg-deb --extract novnc_*.deb /novnc \
    && (dpkg-deb --field novnc_*.deb && echo "Status: install ok installed") > /novnc/status \
    && rm -rf novnc_*.deb /var/lib/apt/lists/*
# the dependencies in layers of their own: a change of our code does not fetch them again
COPY requirements/bridge.txt /requirements/
RUN python3 -m venv --without-pip /opt/bridge \
    && pip --python /opt/bridge $INSTALL --require-hashes -r /requirements/bridge.txt \
    && $COMPILE /opt/bridge/lib
COPY requirements/game.txt /requirements/
RUN python3 -m venv --without-pip /opt/pydoom \
    && pip --python /opt/pydoom $INSTALL --require-hashes -r /requirements/game.txt \
    && $COMPILE /opt/pydoom/lib
COPY --from=wheel /wheel /wheel
# every file as old as this, in seconds since 1970: two builds are the same to the byte
ARG SOURCE_DATE_EPOCH=1767225600
RUN for each in bridge pydoom; do pip --python /opt/$each $INSTALL --no-index --no-deps /wheel/*.whl; done \
    # fails where the core was not compiled
    && (cd /opt/bridge/lib/python3*/site-packages && rm -r pydoom pydoom__mypyc.*) \
    && rm -r /opt/pydoom/lib/python3*/site-packages/hostbridge \
    && $COMPILE /opt/bridge/lib/python3*/site-packages/hostbridge /opt/pydoom/lib/python3*/site-packages/pydoom \
    && find /opt/bridge /opt/pydoom -exec touch --no-dereference --date=@$SOURCE_DATE_EPOCH {} +

FROM python AS bridge-files
COPY --from=build /opt/bridge /opt/bridge

FROM bridge-files AS bridge-sbom
COPY --from=sbom-tools /opt/sbom /opt/sbom
COPY pyproject.toml requirements/sbom.sh /
RUN /sbom.sh pydoom-bridge /opt/bridge /sbom.cdx.json

FROM bridge-files AS bridge
LABEL pydoom.role="bridge" org.opencontainers.image.title="pydoom bridge" org.opencontainers.image.licenses="GPL-2.0-or-later"
COPY LICENSE /usr/share/licenses/pydoom/
COPY --from=bridge-sbom /sbom.cdx.json /usr/share/sbom/pydoom-bridge.cdx.json
# where volumes are mounted: an empty one takes over whose the folder is. 10002 is the bridge's user, 10001 the game's
RUN install -d -o 10002 -g 10001 -m 750 /run/pydoom \
    && install -d -o 10002 -g 10002 -m 700 /var/lib/pydoom \
    && install -d -o 0 -g 10002 -m 750 /run/pydoom-gate \
    && install -d -o 10002 -g 10002 -m 700 /run/pydoom-metrics /run/pydoom-probes
ENV PATH=/opt/bridge/bin:$PATH PYTHONUNBUFFERED=1
ENTRYPOINT ["python3", "-m", "hostbridge"]

FROM python AS game-files
RUN sed -i 's/^Components: main$/Components: main non-free/' /etc/apt/sources.list.d/debian.sources \
    && apt-get update \
    && apt-get install -y --no-install-recommends doom-wad-shareware x11vnc xvfb \
    # 200 MB of OpenGL driver that Xvfb without GLX never opens
    && rm -rf /var/lib/apt/lists/* /usr/lib/*/libLLVM* /usr/lib/*/libgallium* /usr/lib/*/libz3* \
    && groupadd --gid 10001 pydoom && useradd --uid 10001 --gid 10001 --create-home pydoom \
    # for --listen /run/kiosk; a volume mounted there gets its owner
    && install --directory --owner pydoom --group pydoom --mode 700 /run/kiosk
COPY --from=build /novnc/usr/share/novnc /opt/novnc
COPY --from=build /novnc/usr/share/doc/novnc/copyright /usr/share/doc/novnc/copyright
COPY --from=build /opt/pydoom /opt/pydoom

FROM game-files AS game-sbom
COPY --from=sbom-tools /opt/sbom /opt/sbom
COPY pyproject.toml requirements/sbom.sh /
COPY --from=build /novnc/status /novnc-status
# unpacked, and so unknown to dpkg
RUN (echo && cat /novnc-status) >> /var/lib/dpkg/status && /sbom.sh pydoom /opt/pydoom /sbom.cdx.json

FROM game-files AS game
# pydoom; pyopl; noVNC; id's shareware WAD, which may be passed on but not charged for. requirements/LICENSES.md
LABEL pydoom.role="game" org.opencontainers.image.title="pydoom" \
    org.opencontainers.image.licenses="GPL-2.0-or-later AND GPL-3.0-only AND MPL-2.0 AND LicenseRef-DOOM-shareware"
COPY LICENSE requirements/LICENSES.md /usr/share/licenses/pydoom/
COPY --from=game-sbom /sbom.cdx.json /usr/share/sbom/pydoom.cdx.json
ENV PATH=/opt/pydoom/bin:$PATH PYTHONUNBUFFERED=1
USER pydoom
WORKDIR /home/pydoom
EXPOSE 5900 6080
# the first check comes one interval after the start; older engines know no --start-interval
HEALTHCHECK --interval=1s --timeout=5s --start-period=60s --retries=10 \
    CMD ["python3", "-m", "pydoom.kiosk", "--health"]
ENTRYPOINT ["python3", "-m", "pydoom.kiosk", "--listen", "0.0.0.0"]
CMD ["--", "--bridge", "unix:///run/pydoom/bridge.sock"]
