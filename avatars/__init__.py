"""AI colleagues: they understand what is said, decide what to do, and speak."""
