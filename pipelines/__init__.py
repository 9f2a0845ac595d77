"""Rapport: a CRM reporting warehouse whose numbers are proven before anybody sees them."""
