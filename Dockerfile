# Two images from one file: `bridge` (has the Docker socket, and nothing else) and `game` (Xvfb + x11vnc + noVNC
# around pydoom, and no Docker socket). Built by `docker compose up --build`.

FROM debian:trixie-slim AS python
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates python3 \
    && rm -rf /var/lib/apt/lists/*

FROM python AS build
RUN apt-get update \
    && apt-get install -y --no-install-recommends python3-venv \
    && apt-get download novnc \
    && dpkg-deb -x novnc_*.deb /novnc \
    && rm -rf novnc_*.deb /var/lib/apt/lists/*
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
# the dependencies in layers of their own: a change of our code does not fetch them again
RUN python3 -m venv /opt/bridge && /opt/bridge/bin/pip install --no-cache-dir "docker>=7.1"
RUN python3 -m venv /opt/pydoom \
    && /opt/pydoom/bin/pip install --no-cache-dir \
        "numpy>=1.26" "omgifol>=0.5.1" "platformdirs>=4" "pygame-ce>=2.5.2" "tqdm>=4.66" "aiohttp>=3.9" \
        "pyopl>=2.0; platform_machine == 'x86_64'"
COPY pydoom pydoom
COPY hostbridge hostbridge
RUN /opt/bridge/bin/pip install --no-cache-dir --no-deps . \
    && /opt/pydoom/bin/pip install --no-cache-dir --no-deps . \
    && rm -rf /opt/bridge/lib/python3*/site-packages/pydoom /opt/pydoom/lib/python3*/site-packages/hostbridge \
    && /opt/bridge/bin/pip uninstall -qy pip && /opt/pydoom/bin/pip uninstall -qy pip

FROM python AS bridge
LABEL org.opencontainers.image.title="pydoom bridge" org.opencontainers.image.licenses="GPL-2.0-or-later"
COPY --from=build /opt/bridge /opt/bridge
ENV PATH=/opt/bridge/bin:$PATH PYTHONUNBUFFERED=1
ENTRYPOINT ["python3", "-m", "hostbridge"]

FROM python AS game
LABEL org.opencontainers.image.title="pydoom" org.opencontainers.image.licenses="GPL-2.0-or-later"
RUN sed -i 's/^Components: main$/Components: main non-free/' /etc/apt/sources.list.d/debian.sources \
    && apt-get update \
    && apt-get install -y --no-install-recommends doom-wad-shareware x11vnc xvfb \
    # 200 MB of OpenGL driver that Xvfb without GLX never opens
    && rm -rf /var/lib/apt/lists/* /usr/lib/*/libLLVM* /usr/lib/*/libgallium* /usr/lib/*/libz3* \
    && groupadd --gid 10001 pydoom && useradd --uid 10001 --gid 10001 --create-home pydoom
COPY --from=build /novnc/usr/share/novnc /opt/novnc
COPY --from=build /opt/pydoom /opt/pydoom
ENV PATH=/opt/pydoom/bin:$PATH PYTHONUNBUFFERED=1
USER pydoom
WORKDIR /home/pydoom
EXPOSE 5900 6080
HEALTHCHECK --interval=2s --timeout=5s --start-period=60s --retries=5 \
    CMD ["python3", "-m", "pydoom.kiosk", "--health"]
ENTRYPOINT ["python3", "-m", "pydoom.kiosk", "--listen", "0.0.0.0"]
CMD ["--", "--bridge", "unix:///run/pydoom/bridge.sock"]
