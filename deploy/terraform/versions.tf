terraform {
  required_version = ">= 1.6"

  required_providers {
    digitalocean = {
      source  = "digitalocean/digitalocean"
      version = "~> 2.68"
    }
  }
}

# Reads its token from DIGITALOCEAN_TOKEN.
provider "digitalocean" {}
