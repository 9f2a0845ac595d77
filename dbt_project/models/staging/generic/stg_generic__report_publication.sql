{{ generic_staging('report_publication') }}
