{{ generic_staging('sla_policy') }}
