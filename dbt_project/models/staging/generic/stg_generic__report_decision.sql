{{ generic_staging('report_decision') }}
