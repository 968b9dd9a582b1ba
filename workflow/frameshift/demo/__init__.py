"""The demo corpus: a plan of the latent truth, and its rendering into text."""
