"""Named, explained facts about a change that a reviewer must not miss."""
