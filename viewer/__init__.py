"""What people see: pages, components, routes."""
