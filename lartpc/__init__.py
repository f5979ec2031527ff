"""What an event is: detector geometry, classes, events, readers, simulation, metrics."""
