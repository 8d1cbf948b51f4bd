"""What `make` calls: setting up, running, testing and checking, with the standard library only."""
