{{ generic_staging('project') }}
