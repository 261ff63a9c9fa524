#!/bin/bash
#SBATCH --job-name=joulebook-training
#SBATCH --nodes=2 --ntasks-per-node=1 --exclusive
#SBATCH --time=00:30:00
# One worker a node; multiWorker() reads Slurm's variables. The key keeps other jobs out of the group.
set -euo pipefail
JOULEBOOK_GROUP_KEY=$(head -c 16 /dev/urandom | od -An -tx1 | tr -d ' \n')
export JOULEBOOK_GROUP_KEY
export JOULEBOOK_RUN=$SLURM_JOB_ID
srun --kill-on-bad-exit=0 node train.ts
