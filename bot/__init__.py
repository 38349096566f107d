"""The HR assistant. Importing this package imports nothing heavy."""
