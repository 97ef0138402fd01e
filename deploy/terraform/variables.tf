variable "domain" {
  description = "The name people type. Point it at the address that is printed before certificates are asked for."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9-]+(\\.[a-z0-9-]+)+$", var.domain))
    error_message = "A host name in small letters, as in minitwit.example.org."
  }
}

variable "email" {
  description = "Who is told when a certificate is about to expire."
  type        = string
}

variable "ssh_keys" {
  description = "Names of SSH keys of the DigitalOcean account that may sign in as root."
  type        = list(string)

  validation {
    condition     = length(var.ssh_keys) > 0
    error_message = "Without a key nobody can sign in: the machine takes no passwords."
  }
}

variable "ssh_from" {
  description = "Networks that may reach SSH."
  type        = list(string)
}

variable "archive_url" {
  description = "Where the release's archive is: minitwit-VERSION-x86_64-linux.tar.gz."
  type        = string
}

variable "archive_sha256" {
  description = "Its checksum, from the release's SHA256SUMS."
  type        = string

  validation {
    condition     = can(regex("^[0-9a-f]{64}$", var.archive_sha256))
    error_message = "64 hexadecimal digits."
  }
}

variable "simulator_auth" {
  description = "USER:PASSWORD of the simulator API."
  type        = string
  sensitive   = true
}

variable "region" {
  description = "Where everything is."
  type        = string
  default     = "fra1"
}

variable "droplet_size" {
  description = "Of the machine. MiniTwit itself needs little; its data has a volume of its own."
  type        = string
  default     = "s-1vcpu-1gb"
}

variable "volume_gigabytes" {
  description = "Of the volume. It can grow, not shrink."
  type        = number
  default     = 10
}

variable "postgres" {
  description = "Whether to keep the data in a managed Postgres instead of a SQLite file on the volume."
  type        = bool
  default     = false
}

variable "postgres_size" {
  description = "Of the managed Postgres."
  type        = string
  default     = "db-s-1vcpu-1gb"
}
