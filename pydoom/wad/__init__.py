"""WAD files as typed, read-only assets. The only package that imports omgifol."""
