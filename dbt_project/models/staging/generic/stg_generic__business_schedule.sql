{{ generic_staging('business_schedule') }}
