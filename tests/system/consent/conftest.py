from unit.consent.conftest import served

__all__ = ["served"]
