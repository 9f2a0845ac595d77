{{ conform('stage') }}
