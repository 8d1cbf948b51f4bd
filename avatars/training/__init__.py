"""How the understanding is made: the encoder's export, training data, heads. Not part of the product."""
