"""Self-tests that come with Atrium: whoever runs an office can see that it holds what it promises."""
