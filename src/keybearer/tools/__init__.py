"""Tools that the model calls: what they are made from, and the loop that runs them."""
