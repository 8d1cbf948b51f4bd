"""Who is where: the plan of a place, the people in it, and what they can hear. Pure: no waiting, no clock."""
