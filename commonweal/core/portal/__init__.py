"""The look of the house: page frame, components, forms and languages that every page of the town shares."""
