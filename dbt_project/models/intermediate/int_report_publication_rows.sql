{{ conform('report_publication') }}
