environment = "production"
copies      = 1
services = {
  orders  = { port = 8443 }
  billing = { port = 8444 }
}
