{{ generic_staging('service_cost') }}
