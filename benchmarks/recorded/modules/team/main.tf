terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

variable "name" { type = string }
variable "port" { type = number }
variable "copies" { type = number }
variable "vpc_id" { type = string }
variable "subnet_ids" { type = list(string) }
variable "cluster_arn" { type = string }
variable "topic_arn" { type = string }
variable "upstream_url" { type = string }
variable "tags" { type = map(string) }

locals {
  environment = {
    TABLE    = module.store["primary"].table_name
    UPSTREAM = var.upstream_url
    LEVEL    = aws_ssm_parameter.level.name
  }
  readable = [for store in module.store : store.table_arn]
}

module "store" {
  source   = "../store"
  for_each = { primary = 35, archive = 365 }

  name           = "${var.name}-${each.key}"
  retention_days = each.value
  tags           = var.tags
}

resource "aws_security_group" "service" {
  name   = var.name
  vpc_id = var.vpc_id
  tags   = var.tags
}

resource "aws_vpc_security_group_ingress_rule" "service" {
  security_group_id = aws_security_group.service.id
  cidr_ipv4         = "10.0.0.0/8"
  from_port         = var.port
  to_port           = var.port
  ip_protocol       = "tcp"
  tags              = var.tags
}

resource "aws_iam_role" "task" {
  name = "${var.name}-task"
  tags = var.tags

  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ecs-tasks.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy" "task" {
  name = "${var.name}-store"
  role = aws_iam_role.task.id

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "dynamodb:*", Resource = local.readable }]
  })
}

resource "aws_ssm_parameter" "level" {
  name  = "/${var.name}/log-level"
  type  = "String"
  value = "info"
  tags  = var.tags
}

resource "aws_cloudwatch_log_group" "service" {
  name              = "/ecs/${var.name}"
  retention_in_days = 30
  tags              = var.tags
}

resource "aws_ecs_task_definition" "service" {
  family                   = var.name
  cpu                      = "256"
  memory                   = "512"
  network_mode             = "awsvpc"
  requires_compatibilities = ["FARGATE"]
  task_role_arn            = aws_iam_role.task.arn
  tags                     = var.tags

  container_definitions = jsonencode([{
    name         = var.name
    image        = "registry.example.com/${var.name}:1.0.0"
    portMappings = [{ containerPort = var.port }]
    environment  = [for name, value in local.environment : { name = name, value = value }]
    logConfiguration = {
      logDriver = "awslogs"
      options   = { awslogs-group = aws_cloudwatch_log_group.service.name }
    }
  }])
}

resource "aws_ecs_service" "service" {
  name            = var.name
  cluster         = var.cluster_arn
  task_definition = aws_ecs_task_definition.service.arn
  desired_count   = 2
  launch_type     = "FARGATE"
  tags            = var.tags

  network_configuration {
    subnets         = var.subnet_ids
    security_groups = [aws_security_group.service.id]
  }
}

resource "aws_sqs_queue" "work" {
  count = var.copies

  name                      = "${var.name}-work-${count.index}"
  message_retention_seconds = 86400
  tags                      = var.tags
}

resource "aws_cloudwatch_metric_alarm" "work" {
  count = var.copies

  alarm_name          = "${var.name}-work-${count.index}-${var.tags.environment}"
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateAgeOfOldestMessage"
  statistic           = "Maximum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 300
  period              = 60
  evaluation_periods  = 5
  dimensions          = { QueueName = aws_sqs_queue.work[count.index].name }
  alarm_actions       = [var.topic_arn]
  tags                = var.tags
}

output "url" {
  value = "https://${aws_ecs_service.service.name}.internal.example.com"
}
