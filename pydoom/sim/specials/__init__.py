"""Line and sector specials: doors, plats, floors, ceilings, lights, switches, teleporters (``p_spec.c`` etc.)."""
