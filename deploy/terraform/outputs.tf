output "address" {
  description = "Where the domain has to point."
  value       = digitalocean_reserved_ip.minitwit.ip_address
}

output "url" {
  description = "Where MiniTwit is, once the domain points there."
  value       = "https://${var.domain}"
}
