"""What the maintainers need now and then."""
