"""How strongly each passage is framed as the codebook defines it."""
