"""The game on a virtual screen that VNC viewers and browsers can reach: Xvfb, x11vnc and noVNC around pydoom.

Both the container image and ``make play`` on a machine without a display run it: ``python -m pydoom.kiosk``.
"""
