resource "aws_vpc" "shared" {
  cidr_block           = "10.60.0.0/16"
  enable_dns_hostnames = true

  tags = { Name = "shared" }
}

resource "aws_subnet" "private" {
  for_each = { a = 0, b = 1 }

  vpc_id            = aws_vpc.shared.id
  availability_zone = "eu-west-1${each.key}"
  cidr_block        = cidrsubnet(aws_vpc.shared.cidr_block, 4, each.value)

  tags = { Name = "private-${each.key}" }
}

resource "aws_security_group" "services" {
  name        = "services"
  description = "Between services: nobody from outside"
  vpc_id      = aws_vpc.shared.id
}

resource "aws_vpc_security_group_ingress_rule" "from_inside" {
  security_group_id = aws_security_group.services.id
  description       = "HTTPS between services"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_ipv4         = "10.60.0.0/16"
}

# What the services' stacks need to know of the network.
resource "aws_ssm_parameter" "subnets" {
  name  = "/network/private-subnets"
  type  = "StringList"
  value = join(",", [for subnet in aws_subnet.private : subnet.id])
}

resource "aws_ssm_parameter" "security_group" {
  name  = "/network/services-security-group"
  type  = "String"
  value = aws_security_group.services.id
}
