{{ generic_staging('opportunity_stage_change') }}
