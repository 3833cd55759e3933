"""What the scenarios are written with: processes, ports, certificates, a raw client, real and scripted origins."""
