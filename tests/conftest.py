"""What holds for all tests."""

from hypothesis import settings

# A busy machine is no failure.
settings.register_profile("argonscope", deadline=None)
settings.load_profile("argonscope")
