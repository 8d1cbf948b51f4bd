"""What moves runs by itself: timers that ring, and connectors that do what runs ask for."""
