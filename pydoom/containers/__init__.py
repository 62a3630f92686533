"""Containers as monsters: roster, bridge client, spawn placement, labels."""
