# The managed Postgres, if var.postgres says so. Only the machine reaches it.

resource "digitalocean_database_cluster" "minitwit" {
  count      = var.postgres ? 1 : 0
  name       = "minitwit"
  engine     = "pg"
  version    = "17"
  size       = var.postgres_size
  region     = var.region
  node_count = 1

  maintenance_window {
    day  = "sunday"
    hour = "03:00:00"
  }

  lifecycle {
    prevent_destroy = true
  }
}

resource "digitalocean_database_db" "minitwit" {
  count      = var.postgres ? 1 : 0
  cluster_id = digitalocean_database_cluster.minitwit[0].id
  name       = "minitwit"
}

resource "digitalocean_database_firewall" "minitwit" {
  count      = var.postgres ? 1 : 0
  cluster_id = digitalocean_database_cluster.minitwit[0].id

  rule {
    type  = "droplet"
    value = digitalocean_droplet.minitwit.id
  }
}

locals {
  # Otherwise the SQLite file on the volume. The cluster's own user may make the tables; the
  # connection is encrypted, and stays inside DigitalOcean's network.
  database_url = var.postgres ? format(
    "postgres://%s:%s@%s:%d/%s?sslmode=require",
    digitalocean_database_cluster.minitwit[0].user,
    digitalocean_database_cluster.minitwit[0].password,
    digitalocean_database_cluster.minitwit[0].private_host,
    digitalocean_database_cluster.minitwit[0].port,
    digitalocean_database_db.minitwit[0].name,
  ) : "/var/lib/minitwit/minitwit.db"

  # What scripts/provision finds, and leaves as it is.
  settings = <<-SETTINGS
    DATABASE_URL=${local.database_url}
    MINITWIT_TRUSTED_PROXY=127.0.0.1
    MINITWIT_SIMULATOR_AUTH=${var.simulator_auth}
  SETTINGS

  # The unit lets the server reach the machine itself, and nobody else: not its name server either.
  unit_override = var.postgres ? "[Service]\nIPAddressDeny=\n" : ""
}
