"""Who asks (authentication, impersonation) and whether they may (RBAC)."""
