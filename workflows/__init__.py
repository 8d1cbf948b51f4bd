"""What is to be done: states and transitions as data, one transaction a transition."""
