"""Where an offered service's answers come from: one module for each kind, all with `fetch(call) -> Answer`."""
