"""The providers that this process plays itself."""
