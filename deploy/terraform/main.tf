# One machine that serves MiniTwit. What it stores is on a volume, or in a managed Postgres: the
# machine can be made anew at any time, and both refuse to be destroyed.

data "digitalocean_ssh_key" "admin" {
  for_each = toset(var.ssh_keys)
  name     = each.value
}

resource "digitalocean_volume" "data" {
  name                     = "minitwit-data"
  region                   = var.region
  size                     = var.volume_gigabytes
  initial_filesystem_type  = "ext4"
  initial_filesystem_label = "minitwit"
  description              = "MiniTwit's database and backups"

  lifecycle {
    prevent_destroy = true
  }
}

resource "digitalocean_droplet" "minitwit" {
  name       = "minitwit"
  image      = "debian-12-x64"
  size       = var.droplet_size
  region     = var.region
  ssh_keys   = [for key in data.digitalocean_ssh_key.admin : key.id]
  monitoring = true
  ipv6       = true
  volume_ids = [digitalocean_volume.data.id]

  # The machine reads this at its first start alone. A change makes it anew; the data stays.
  user_data = templatefile("${path.module}/cloud-init.yaml.tftpl", {
    domain         = var.domain
    email          = var.email
    archive_url    = var.archive_url
    archive_sha256 = var.archive_sha256
    settings       = local.settings
    unit_override  = local.unit_override
  })
}

# People keep the address when the machine is made anew.
resource "digitalocean_reserved_ip" "minitwit" {
  region = var.region

  lifecycle {
    prevent_destroy = true
  }
}

resource "digitalocean_reserved_ip_assignment" "minitwit" {
  ip_address = digitalocean_reserved_ip.minitwit.ip_address
  droplet_id = digitalocean_droplet.minitwit.id
}

resource "digitalocean_firewall" "minitwit" {
  name        = "minitwit"
  droplet_ids = [digitalocean_droplet.minitwit.id]

  inbound_rule {
    protocol         = "tcp"
    port_range       = "22"
    source_addresses = var.ssh_from
  }

  dynamic "inbound_rule" {
    for_each = ["80", "443"]
    content {
      protocol         = "tcp"
      port_range       = inbound_rule.value
      source_addresses = ["0.0.0.0/0", "::/0"]
    }
  }

  inbound_rule {
    protocol         = "icmp"
    source_addresses = ["0.0.0.0/0", "::/0"]
  }

  dynamic "outbound_rule" {
    for_each = ["tcp", "udp"]
    content {
      protocol              = outbound_rule.value
      port_range            = "1-65535"
      destination_addresses = ["0.0.0.0/0", "::/0"]
    }
  }

  outbound_rule {
    protocol              = "icmp"
    destination_addresses = ["0.0.0.0/0", "::/0"]
  }
}
