variable "refresh_hours" {
  description = "Hours between two reads of the bills."
  type        = number
  default     = 6
}

variable "log_retention_days" {
  type    = number
  default = 30
}
