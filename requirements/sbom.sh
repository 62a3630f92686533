#!/bin/sh
# What is in the image it runs in, Debian's packages and Python's, as CycloneDX in FILE: sbom.sh NAME ENVIRONMENT FILE
set -eu
name=$1 environment=$2 file=$3
work=$(mktemp -d)
version=$("$environment/bin/python" -c 'from importlib.metadata import version; print(version("pydoom-containers"))')

export PATH=/opt/sbom/bin:$PATH
debsbom generate --sbom-type cdx --cdx-schema-version 1.6 --with-licenses --root / --out "$work/debian"
cyclonedx-py environment --sv 1.6 --pyproject /pyproject.toml --output-file "$work/python.cdx.json" "$environment/bin/python"
debsbom merge --sbom-type cdx --cdx-schema-version 1.6 --distro-name "$name" --distro-version "$version" \
  --out "$work/all" "$work/debian.cdx.json" "$work/python.cdx.json"
mkdir -p "$(dirname "$file")"
cp "$work/all.cdx.json" "$file"
