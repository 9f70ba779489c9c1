"""Reference solutions, one module a lesson. Students never receive this package."""
