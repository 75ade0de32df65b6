"""How fast, how small: benchmarks that anyone can run (`hkva bench`)."""
