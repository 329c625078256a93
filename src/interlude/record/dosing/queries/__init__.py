from interlude.record.dosing.queries.visibility import running_sessions, sessions_for

__all__ = ["running_sessions", "sessions_for"]
