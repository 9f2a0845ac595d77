{{ generic_staging('stage') }}
