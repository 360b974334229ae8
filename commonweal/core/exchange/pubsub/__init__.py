"""Publish and subscribe as GovStack's Information Mediator has it (PubSub API 2.0), over the node's own events.

A room is a system that offers the services `api`, `pub` and `pull`. Event types are declared: by the node's rooms, or
in the offer's file for those that other systems publish. Subscribers pull; webhooks are the operator's to set up.
"""
