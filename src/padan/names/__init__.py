"""Indonesian names: normalise, compare, explain. The engine is not written yet; no command offers it."""
